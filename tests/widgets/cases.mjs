// What Python wrote for the tests: see test_javascript.py.

import { readFileSync } from "node:fs";

export const cases = JSON.parse(readFileSync(process.env.COURSEKIT_CASES, "utf-8"));
