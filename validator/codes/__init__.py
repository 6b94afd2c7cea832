"""Code standards, value sets, reference lists, and the versions of code tables that the user has loaded."""
