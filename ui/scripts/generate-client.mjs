// The typed clients of both services, from ui/openapi/*.json into src/lib/api/generated (committed; never edited).
import { createClient } from '@hey-api/openapi-ts';
import { fileURLToPath } from 'node:url';

// Paths are given relative to ui/, so that what is generated names no folder of this machine.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

for (const service of ['auth', 'api']) {
  await createClient({
    input: `./openapi/${service}.json`,
    output: { path: `src/lib/api/generated/${service}`, postProcess: [] },
    logs: { level: 'warn' },
    plugins: [
      '@hey-api/typescript',
      { name: '@hey-api/client-fetch', runtimeConfigPath: '../../runtime', throwOnError: true },
      '@hey-api/sdk',
    ],
  });
}
