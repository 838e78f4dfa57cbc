import { definitionOf } from './definitions.ts';
import { allApis, type GrpcApi } from './grpc-api.ts';

/** What callers rely on: methods by path, and fields and values by their number in messages and enums. */
export type GrpcContract = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

type Line = readonly [string, GrpcContract[string]];

interface Field {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}
interface Definition {
  readonly format?: string;
  readonly type?: { readonly field?: readonly Field[]; readonly value?: readonly Field[] };
}
interface Method {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestType: { readonly type: { readonly name: string } };
  readonly responseType: { readonly type: { readonly name: string } };
}

/** The contract that the `.proto` files of the APIs make. */
export function contractOf(apis: readonly GrpcApi[] = allApis): GrpcContract {
  const definitions = Object.entries(definitionOf(apis)) as unknown as [string, Definition][];
  const lines = definitions.flatMap(([name, definition]): Line[] =>
    definition.format === undefined
      ? Object.values(definition as Record<string, Method>).map(methodLine)
      : [[name, numbered(definition.type)]],
  );
  return Object.fromEntries(lines.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What would break callers of `before` in `after`; adding breaks nobody. */
export function brokenCallers(before: GrpcContract, after: GrpcContract): readonly string[] {
  return Object.entries(before).flatMap(([name, was]) => {
    const is = after[name];
    if (is === undefined) return [`${name} is gone`];
    if (typeof was === 'string' || typeof is === 'string') {
      return is === was ? [] : [`${name} was "${was}" and is "${is}"`];
    }
    return Object.entries(was)
      .filter(([number, text]) => is[number] !== text)
      .map(([number, text]) => `${name}: ${number} was "${text}" and is "${is[number] ?? 'gone'}"`);
  });
}

function methodLine(method: Method): Line {
  const side = (streams: boolean, { type }: Method['requestType']) =>
    `${streams ? 'stream ' : ''}${type.name}`;
  const asked = side(method.requestStream, method.requestType);
  return [method.path, `${asked} -> ${side(method.responseStream, method.responseType)}`];
}

const numbered = (type: Definition['type']): Readonly<Record<string, string>> =>
  Object.fromEntries((type?.field ?? type?.value ?? []).map((each) => [each.number, textOf(each)]));

function textOf({ name, label, type, typeName }: Field): string {
  if (type === undefined) return name;
  const kind = typeName || type.replace('TYPE_', '').toLowerCase();
  return `${label === 'LABEL_REPEATED' ? 'repeated ' : ''}${kind} ${name}`;
}
