// SPDX-License-Identifier: MIT
// plot.mjs: name, place and value a line, separated by tabs, as plots in one SVG
import { readFileSync } from "node:fs";

const charts = [
	{ title: "pages a second by clients", series: ["pages", "ClickHouse alone"] },
	{ title: "bookings a second by clients", series: ["bookings"], reach: [120, "120"] },
	{ title: "start to first page by entries, s", series: ["start", "start after a boot"], reach: [0.5, "0.5 s"] },
	{ title: "memory of a worker by entries, MiB", series: ["memory"], reach: [24, "24 MiB"] },
];
const colours = ["#1d4ed8", "#b45309"];
const [width, height, left, right, top, bottom] = [460, 280, 56, 16, 40, 36];

const points = new Map();
for (const line of readFileSync(0, "utf8").trimEnd().split("\n")) {
	const [name, at, value] = line.split("\t");
	if (!points.has(name)) points.set(name, []);
	points.get(name).push([Number(at), Number(value)]);
}
const number = (n) => (n >= 1e6 ? `${n / 1e6}M` : n >= 1e3 ? `${n / 1e3}k` : String(n));

function draw({ title, series, reach }) {
	const shown = series.filter((name) => points.has(name));
	if (!shown.length) return null;
	const all = shown.flatMap((name) => points.get(name));
	const places = [...new Set(all.map(([at]) => at))].sort((a, b) => a - b);
	const most = Math.max(...all.map(([, value]) => value), reach ? reach[0] : 0) * 1.1 || 1;
	// The places are steps of a factor, so they stand at equal distances.
	const x = (at) => left + ((width - left - right) * (places.indexOf(at) + 0.5)) / places.length;
	const y = (value) => height - bottom - ((height - top - bottom) * value) / most;
	const out = [`<text x="${left}" y="20" font-weight="bold">${title}</text>`];
	for (let i = 0; i <= 4; i++) {
		const value = (most * i) / 4;
		out.push(`<line x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>`,
			`<text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${Number(value.toPrecision(2))}</text>`);
	}
	for (const at of places)
		out.push(`<text x="${x(at)}" y="${height - bottom + 16}" text-anchor="middle">${number(at)}</text>`);
	if (reach)
		out.push(`<line x1="${left}" x2="${width - right}" y1="${y(reach[0])}" y2="${y(reach[0])}" stroke="#15803d" stroke-dasharray="5 4"/>`,
			`<text x="${width - right}" y="${y(reach[0]) - 4}" text-anchor="end" fill="#15803d">to reach: ${reach[1]}</text>`);
	shown.forEach((name, i) => {
		const list = points.get(name);
		out.push(`<polyline fill="none" stroke="${colours[i]}" stroke-width="2" points="${list.map(([at, value]) => `${x(at)},${y(value)}`).join(" ")}"/>`);
		for (const [at, value] of list)
			out.push(`<circle cx="${x(at)}" cy="${y(value)}" r="3" fill="${colours[i]}"/>`);
		out.push(`<text x="${left + 8 + i * 150}" y="${top - 4}" fill="${colours[i]}">${name}</text>`);
	});
	return out.join("\n");
}

const drawn = charts.map(draw).filter(Boolean);
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width * Math.min(2, drawn.length)} ${height * Math.ceil(drawn.length / 2)}" font-family="sans-serif" font-size="11">`);
console.log('<rect width="100%" height="100%" fill="#fff"/>');
drawn.forEach((chart, i) =>
	console.log(`<g transform="translate(${(i % 2) * width},${Math.floor(i / 2) * height})">\n${chart}\n</g>`));
console.log("</svg>");
