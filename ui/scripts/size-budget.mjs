// Fails when the built console grew past what a first visit may cost (gzip -9, as the front door serves it).
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const KB = 1000;
const BUDGETS = { shell: 200 * KB, chunk: 190 * KB, fonts: 50 * KB };
const built = process.argv[2] ?? fileURLToPath(new URL('../../src/flovify/bff/console', import.meta.url));

const page = readFileSync(join(built, 'index.html'), 'utf8');
const files = readdirSync(join(built, 'assets')).filter((name) => /\.(js|css|woff2)$/.test(name));
const sizes = new Map(files.map((name) => [name, packedSize(name)]));
const first = new Set([...page.matchAll(/assets\/([^"']+\.(?:js|css))/g)].map((match) => match[1]));

const shell = sum([...first]);
// English and Western European text needs the latin part only; browsers fetch the others when a letter asks for them.
const fonts = sum(files.filter((name) => /latin-wght.*\.woff2$/.test(name)));
const faults = [];
check('shell (everything index.html loads)', shell, BUDGETS.shell);
check('fonts of the first view', fonts, BUDGETS.fonts);
for (const name of files.filter((one) => one.endsWith('.js') && !first.has(one))) check(`chunk ${name}`, sizes.get(name), BUDGETS.chunk, true);
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}

function packedSize(name) {
  const content = readFileSync(join(built, 'assets', name));
  return name.endsWith('.woff2') ? content.length : gzipSync(content, { level: 9 }).length;
}

function sum(names) {
  return names.reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
}

function check(what, bytes, budget, quiet = false) {
  if (!quiet || bytes > 20 * KB) console.log(`${(bytes / KB).toFixed(1).padStart(7)} kB of ${budget / KB} kB  ${what}`);
  if (bytes > budget) faults.push(`too big: ${what}: ${(bytes / KB).toFixed(1)} kB, allowed are ${budget / KB} kB`);
}
