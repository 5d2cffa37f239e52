from autograder.gradebook import configure

configure(get_config(), __file__)  # noqa: F821 - nbgrader gives its configuration files this function
