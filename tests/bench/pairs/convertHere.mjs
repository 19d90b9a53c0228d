// One conversion with the built library, for convert.mjs: node convertHere.mjs FROM TO
import { preference } from '../../../dist/src/index.js';

const [from, to] = process.argv.slice(2);
const started = process.hrtime.bigint();
const { pairs, skipped } = await preference.convertPairs(from, to);
const seconds = Number(process.hrtime.bigint() - started) / 1e9;
console.log(JSON.stringify({ pairs, skipped, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }));
