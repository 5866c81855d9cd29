import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `base` is absolute because pages live at nested paths (/incidents/:id). `GODSEYE_URL` points `npm run dev` at a
// running server; the default is where `godseye serve` and tests/fake_api.mjs listen.
const server = process.env['GODSEYE_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/',
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // assets stay files: `default-src 'self'` allows no data: fonts or scripts
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': server, '/health': server } },
  test: { include: ['tests/unit/**/*.test.ts'], environment: 'node' },
});
