import { expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { Target } from './target.ts';

type Json = Readonly<Record<string, unknown>>;

/** The API document and its viewer. */
export function documentTests(target: () => Target): void {
  it('is valid OpenAPI 3.1', async () => {
    const { body } = await target().anonymous().get<{ openapi: string }>('/openapi.json');
    expect(body.openapi).toMatch(/^3\.1/);
    const { valid, errors } = await new Validator().validate(body);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('describes every message too, those of the WebSocket included', async () => {
    const { body } = await target().anonymous().get<Json>('/asyncapi.json');
    expect(body['asyncapi']).toMatch(/^3\./);
    expect(JSON.stringify(body)).toContain('room_joined');
  });

  it('gives every operation a summary, a name of its own and at least one success', () => {
    const { operations, json } = target().contract.document;
    const paths = json['paths'] as Record<string, Record<string, Json>>;
    const ids = operations.map(({ path, method }) => paths[path]?.[method.toLowerCase()]);
    expect(ids.filter((operation) => !operation?.['summary'])).toEqual([]);
    expect(new Set(ids.map((operation) => operation?.['operationId'])).size).toBe(ids.length);
    for (const { name, answers } of operations) {
      const successes = [...answers.keys()].filter((status) => status < 300);
      expect([name, successes.length > 0]).toEqual([name, true]);
    }
  });

  it('names each parameter once: headers are the same in capital letters', () => {
    const paths = target().contract.document.json['paths'] as Record<string, Record<string, Json>>;
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const parameters = (operation['parameters'] ?? []) as { in: string; name: string }[];
        const names = parameters.map((each) =>
          each.in === 'header' ? each.name.toLowerCase() : `${each.in} ${each.name}`,
        );
        expect([method, path, names]).toEqual([method, path, [...new Set(names)]]);
      }
    }
  });

  it('gives every answer with a body a schema that takes no property it does not name', () => {
    const { json } = target().contract.document;
    const paths = json['paths'] as Record<string, Record<string, Json>>;
    const schemas = new Map<string, unknown>();
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(item)) {
        schemas.set(`${method} ${path}`, operation['responses']);
      }
    }
    const { schemas: components } = json['components'] as { schemas: Json };
    const answered = new Set<string>();
    for (const responses of schemas.values()) collectReferences(responses, components, answered);
    for (const name of answered) schemas.set(name, components[name]);
    const open = [...schemas].flatMap(([name, schema]) => openObjects(schema, name));
    expect(open).toEqual([]);
  });

  it('gives every list the cursor of its next page, null where there is none', () => {
    const { json } = target().contract.document;
    const { schemas } = json['components'] as { schemas: Readonly<Record<string, Json>> };
    const propertiesOf = (schema: Json) => (schema['properties'] ?? {}) as Json;
    const lists = Object.entries(schemas).filter(([, schema]) => 'items' in propertiesOf(schema));
    expect(lists.length).toBeGreaterThan(20);
    const without = lists.filter(([, schema]) => !('nextCursor' in propertiesOf(schema)));
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it('is shown by a page that loads nothing from elsewhere', async () => {
    const nobody = target().anonymous();
    const page = await nobody.get('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = page.bytes.toString();
    expect(html).not.toMatch(/https?:/);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect([file, (await nobody.get(file)).status]).toEqual([file, 200]);
  });
}

function collectReferences(value: unknown, components: Json, found: Set<string>): void {
  for (const [, name = ''] of JSON.stringify(value).matchAll(
    /"#\/components\/schemas\/([^"]+)"/g,
  )) {
    if (found.has(name)) continue;
    found.add(name);
    collectReferences(components[name], components, found);
  }
}

/** The places where an object lists its properties but allows others. */
function openObjects(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const schema = value as Json;
  const isOpen =
    schema['type'] === 'object' &&
    'properties' in schema &&
    schema['additionalProperties'] !== false;
  return [
    ...(isOpen ? [at] : []),
    ...Object.entries(schema).flatMap(([key, inner]) => openObjects(inner, `${at}/${key}`)),
  ];
}
