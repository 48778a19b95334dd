// SPDX-License-Identifier: MIT
// columns.mjs: lines of fields, separated by tabs, as a table to be read; the first line names the columns
import { readFileSync } from "node:fs";

const rows = readFileSync(0, "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => r[i].length)));
rows.splice(1, 0, widths.map((w) => "-".repeat(w)));
for (const r of rows)
	console.log(r.map((text, i) => (i ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join("  "));
