import { defineConfig } from 'vite';
import { precompress } from './frontend/compress.js';
import { iconSprite } from './frontend/sprite.js';

// Relative base: the same build works under any STATIC_URL.
export default defineConfig({
  root: 'frontend',
  base: './',
  plugins: [iconSprite(), precompress()],
  css: { preprocessorOptions: { scss: { quietDeps: true, loadPaths: ['node_modules'] } } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsInlineLimit: 0,
    target: 'es2022',
    chunkSizeWarningLimit: 600, // the charts, loaded only where one is shown
    rollupOptions: { input: 'frontend/src/main.js' },
  },
});
