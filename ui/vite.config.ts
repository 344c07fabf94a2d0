import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The front door serves the build from here; it is part of the Python wheel.
const built = fileURLToPath(new URL('../src/flovify/bff/console', import.meta.url));
const frontDoor = process.env['FLOVIFY_URL'] ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react()],
  // The front door puts a fresh nonce in its place in every answer.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: built,
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // Data URLs of small files would need a laxer policy for fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: Object.fromEntries(
      ['/bff', '/auth/oauth', '/auth/links'].map((path) => [path, { target: frontDoor, changeOrigin: true }]),
    ),
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/test/setup.ts'],
    css: false,
    // The pages' modules are loaded once for all files; what a test leaves behind is taken away after each.
    isolate: false,
    pool: 'threads',
    maxWorkers: 2,
    restoreMocks: true,
    testTimeout: 60_000,
    environmentOptions: { happyDOM: { url: 'http://localhost:8080/' } },
  },
});
