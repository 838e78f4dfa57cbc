import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A file of the viewer, ready to send. */
export interface ViewerFile {
  readonly type: string;
  readonly body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};
const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const read = new Map<string, ViewerFile>();

/** The page of the viewer, which loads nothing from other origins. */
export const viewerPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Waybill API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="viewer"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#viewer',
  persistAuthorization: true,
  displayRequestDuration: true,
});
`;

/** A file of the viewer by its name; undefined for an unknown name. */
export function viewerFile(name: string): ViewerFile | undefined {
  if (name === 'start.js') {
    return { type: 'text/javascript; charset=utf-8', body: Buffer.from(start) };
  }
  const type = types[name];
  if (type === undefined) return undefined;
  let file = read.get(name);
  if (!file) {
    file = { type, body: readFileSync(join(folder, name)) };
    read.set(name, file);
  }
  return file;
}
