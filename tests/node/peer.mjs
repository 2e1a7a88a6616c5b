// What both peers share: a plan on the first line of standard input, then one answer for each further line.
// {"now": INSTANT} in the plan or in a line sets their clock. They end when their standard input does.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** Loads a package of package.json from where `cargo xtask peers` put it. */
export function load(name) {
  const require = createRequire(`${process.env.DOUANE_PEERS_NODE}/package.json`);
  return import(pathToFileURL(require.resolve(name)));
}

const Real = Date;
let ahead = 0;

globalThis.Date = class extends Real {
  constructor(...parts) {
    super(...(parts.length === 0 ? [Real.now() + ahead] : parts));
  }

  static now() {
    return Real.now() + ahead;
  }
};

/** From now on `Date` shows this instant, and runs on. */
function setClock(instant) {
  ahead = Real.parse(instant) - Real.now();
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Runs a peer: `begin` turns the plan into what is said when ready, and a function that answers. */
export async function run(begin) {
  // Standard output is for answers.
  for (const level of ['log', 'info', 'warn', 'debug']) console[level] = console.error;
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const plan = JSON.parse((await lines.next()).value);
  setClock(plan.now);
  const { ready, answer } = await begin(plan);
  say(ready);
  for await (const line of lines) {
    try {
      const { now, ...asked } = JSON.parse(line);
      if (now) setClock(now);
      say(await answer(asked));
    } catch (error) {
      say({ failed: String(error?.stack ?? error) });
    }
  }
  process.exit(0);
}
