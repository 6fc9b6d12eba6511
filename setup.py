"""Name the sub-packages: `src/` is the package `tintype` itself, which setup.cfg cannot say."""

from setuptools import find_packages, setup

setup(packages=["tintype", *(f"tintype.{name}" for name in find_packages("src"))])
