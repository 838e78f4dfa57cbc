import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

it('the page on operating a channel has every route of channels and messages, and no other', () => {
  const { paths } = JSON.parse(read('libs/client/openapi.json')) as { paths: object };
  const routes = Object.entries(paths as Record<string, object>)
    .filter(([path]) => /^\/api\/v1\/(channels|messages|deferred)/.test(path))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  const page = read('docs/how-to/operate-a-channel.md');
  const named = [...page.matchAll(/\| `((?:GET|POST) \S+)` \|/g)].map(([, route]) => route);
  expect(named.sort()).toEqual(routes.sort());
});
