"""Makes wrong answers from right ones: mutants of the reference solutions, and what graders say of them."""
