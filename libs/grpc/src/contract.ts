import { writtenDefinitionOf } from './definitions.ts';
import { describedFiles, type Enum, type Message, type Method } from './descriptors.ts';
import type { GrpcApi } from './grpc-api.ts';

/** The parts that callers rely on: methods by path, and fields and values by their number in messages and enums. */
export type GrpcContract = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

type Line = readonly [string, GrpcContract[string]];

/** The contract of the APIs' `.proto` files. */
export function contractOf(apis: readonly GrpcApi[]): GrpcContract {
  const files = describedFiles(writtenDefinitionOf(apis, []));
  const lines = files.flatMap(({ package: scope, messageType, enumType, service }): Line[] => [
    ...service.flatMap(({ name, method }) =>
      method.map((each) => methodLine(`/${scope}.${name}`, each)),
    ),
    ...linesOf(scope, messageType, enumType),
  ]);
  return Object.fromEntries(lines.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The changes from `before` to `after` that break callers; additions break none. */
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

function methodLine(service: string, method: Method): Line {
  const { name, inputType, outputType, clientStreaming, serverStreaming } = method;
  const side = (streams: boolean | undefined, type: string) =>
    `${streams ? 'stream ' : ''}${type.slice(1)}`;
  const requested = side(clientStreaming, inputType);
  return [`${service}/${name}`, `${requested} -> ${side(serverStreaming, outputType)}`];
}

const linesOf = (
  scope: string,
  messages: readonly Message[],
  enums: readonly Enum[],
): readonly Line[] => [
  ...enums.map(({ name, value }): Line => [`${scope}.${name}`, numbered(value, (one) => one.name)]),
  ...messages.flatMap((message): readonly Line[] => [
    [`${scope}.${message.name}`, numbered(message.field, (field) => textOf(field, message))],
    ...linesOf(`${scope}.${message.name}`, message.nestedType, message.enumType),
  ]),
];

const numbered = <T extends { readonly number: number }>(
  all: readonly T[],
  text: (each: T) => string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(all.map((each) => [each.number, text(each)]));

function textOf(field: Message['field'][number], { oneofDecl }: Message): string {
  const { name, label, type, typeName, oneofIndex } = field;
  const kind = typeName?.slice(1) ?? type.replace('TYPE_', '').toLowerCase();
  const choice = oneofIndex === undefined ? '' : ` of ${oneofDecl[oneofIndex]?.name}`;
  return `${label === 'LABEL_REPEATED' ? 'repeated ' : ''}${kind} ${name}${choice}`;
}
