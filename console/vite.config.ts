/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// `base: './'`: one build serves every path; the server writes the prefix into index.html.
export default defineConfig({
  base: './',
  plugins: [vue()],
  resolve: { alias: { '@': at('./src') } },
  define: {
    __VUE_OPTIONS_API__: 'true', // parts of Element Plus use it
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    outDir: at('../src/jobfleet/api/console/static'),
    emptyOutDir: true,
    manifest: true, // tools/console_sizes.py reads it
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': { target: process.env['JOBFLEET_SERVER'] ?? 'http://127.0.0.1:8080', changeOrigin: false },
    },
  },
  test: { environment: 'node', isolate: false, include: ['src/**/*.test.ts'], restoreMocks: true },
})
