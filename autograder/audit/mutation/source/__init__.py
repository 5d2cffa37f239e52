"""Makes wrong programs from right ones: the reference's answers, with one slip in their code."""
