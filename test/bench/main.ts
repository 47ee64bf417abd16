/** `npm run bench`: everything that docs/performance.md tells, as a table and as JSON (`--json`). `--short` for CI, `--only <name>` for one part. */
import { parseArgs } from 'node:util';
import { benchAnswer } from './answer.ts';
import { benchDaemon } from './daemon.ts';
import { type Row, met } from './measure.ts';
import { benchRelay } from './relay.ts';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const parts = { daemon: benchDaemon, answer: benchAnswer, relay: benchRelay };

const rows: Row[] = [];
for (const [name, run] of Object.entries(parts)) {
  if (values.only === undefined || values.only === name) rows.push(...(await run({ short: values.short })));
}
process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : `${rows.map(format).join('\n')}\n`);
process.exit(0);

function format(row: Row): string {
  const { name, value, unit, target, better } = row;
  const verdict = met(row);
  const wanted = target === null ? '' : `${better === 'lower' ? '≤' : '≥'} ${target} ${unit}`;
  return `${verdict === null ? ' ' : verdict ? '✓' : '✗'} ${name.padEnd(56)} ${value.toFixed(value < 10 ? 2 : 1).padStart(9)} ${unit.padEnd(3)} ${wanted}`;
}
