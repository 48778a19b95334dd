#!/bin/sh
# SPDX-License-Identifier: MIT
# t12-model: each step of the model is a function of the program, whose comment names the step
exec "${srcdir:-$(dirname "$0")/..}/tests/model/run" --steps
