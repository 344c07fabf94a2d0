// Packs each file of the built console that gains by it, once and as small as it gets; the front door only picks a form.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('../src/flovify/bff/console', import.meta.url));
const TEXT = /\.(js|css|svg|json|txt)$/;
const FORMS = {
  '.br': (content) => brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
  '.gz': (content) => gzipSync(content, { level: 9 }),
};

for (const name of readdirSync(folder, { recursive: true }).filter((one) => TEXT.test(one) && !one.startsWith('.'))) {
  const content = readFileSync(join(folder, name));
  for (const [suffix, pack] of Object.entries(FORMS)) {
    const packed = pack(content);
    if (packed.length < content.length * 0.95) writeFileSync(join(folder, name + suffix), packed);
  }
}
