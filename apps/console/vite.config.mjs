import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Packed once here rather than at every request. Files that fit in one packet anyway are left as they are. */
function packed() {
  return {
    name: 'packed',
    apply: 'build',
    // what Vite writes last it also changes last
    enforce: 'post',
    writeBundle({ dir }, bundle) {
      for (const fileName of Object.keys(bundle).filter((name) => /\.(js|css|svg)$/.test(name))) {
        const path = join(dir, fileName);
        const text = readFileSync(path);
        if (text.length < 1_400) continue;
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${path}.br`, brotliCompressSync(text, { params }));
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), packed()],
  resolve: { conditions: ['@flotilla/source', 'module', 'browser', 'development|production'] },
  // while one works on the console: a control plane that runs already answers what is not a page
  server: {
    proxy: Object.fromEntries(
      ['/api', '/docs', '/status', '/metrics'].map((path) => [
        path,
        { target: process.env.FLOTILLA_DEV_SERVER ?? 'http://127.0.0.1:8080', changeOrigin: true },
      ]),
    ),
  },
  build: {
    outDir: 'dist/www',
    emptyOutDir: true,
    target: 'es2023',
    // nothing inline: the policy of the page forbids it
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
