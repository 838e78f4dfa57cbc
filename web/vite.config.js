import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** `npm run dev` of this workspace serves the pages with a reload on each change, in front of a running system. */
const system = 'http://127.0.0.1:8080';
/** The file of each path; `:name` stands for any segment. The gateway serves the same. */
const pages = Object.entries(JSON.parse(readFileSync(here('pages.json'), 'utf8')));

const pathsOfPages = {
  name: 'paths of pages',
  configureServer({ middlewares }) {
    middlewares.use((request, _response, next) => {
      const [path] = request.url.split('?');
      const found = pages.find(([pattern]) =>
        new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(path),
      );
      if (found) request.url = `/${found[1]}`;
      next();
    });
  },
};

/** `tools/build-web.mjs` makes a page of each runbook of it. */
const runbook = here('runbooks/runbook.html');

const shared = (name, test) => ({ name, test, minShareCount: 2 });

export default defineConfig({
  root: here('.'),
  plugins: [pathsOfPages],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { conditions: ['@waybill/source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // What is inlined is not allowed by the policy of the pages.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [...new Set(pages.map(([, file]) => here(file))), runbook],
      // One file for what pages share, instead of many small ones: a browser loads six at once.
      output: {
        codeSplitting: {
          groups: [
            shared('lib', /preact|openapi-fetch|web\/lib\//),
            shared('shop', /web\/shop\//),
            // Charts are on few of its pages, and larger than all the rest; what counts orders begins when it is loaded.
            shared('console', /web\/console\/(?!chart|order-)/),
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': system,
      '/images': system,
      '/health': system,
      '/docs': system,
      '/ws': { target: system, ws: true },
    },
  },
});
