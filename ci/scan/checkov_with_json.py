"""
Run checkov so that it sees into policies and container definitions. In JSON these are strings, and of strings many of its checks
say nothing, or that they have passed: they want the values that its reader of HCL makes of `jsonencode`, and here get the same.
"""

import json
import sys

from checkov.main import Checkov
from checkov.terraform_json import parser

of_simple_values = parser._clean_simple_type_list


def decoded(value):
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def with_json(values):
    return [decoded(value) for value in of_simple_values(values)]


if __name__ == "__main__":
    parser._clean_simple_type_list = with_json
    sys.exit(Checkov().run())
