import type { Contract } from '@waybill/message';
import { dataNumber, envelopeFields, type ProtobufCodec } from './protobuf.ts';
import type { Field, Shape } from './shape.ts';

/** The contracts whose codec is protobuf, each with the name of its generated file below `libs/contracts/proto`. */
export const protoFiles = (contracts: readonly Contract[]): ReadonlyMap<string, string> =>
  new Map(
    contracts.flatMap((contract) => {
      const codec = contract.codec as ProtobufCodec | null;
      if (!codec) return [];
      return [[protoPath(contract), protoFile(contract, codec)] as const];
    }),
  );

/** The file of a contract with a codec. */
export const protoPath = ({ type }: Pick<Contract, 'type'>): string =>
  `waybill/messages/${type}.proto`;

function protoFile({ type, summary }: Contract, { fields }: ProtobufCodec): string {
  return [
    `// ${summary} Generated from the contract by \`npm run generate\`; do not edit.`,
    'syntax = "proto3";',
    '',
    `package waybill.messages.${type.replaceAll(/\W/g, '_')};`,
    '',
    'import "google/protobuf/struct.proto";',
    '',
    'message Envelope {',
    ...lines(envelopeFields),
    `  Data data = ${dataNumber};`,
    ...block('message', 'Data', lines(fields), nested(fields)),
    ...nested(envelopeFields),
    '}',
    '',
  ].join('\n');
}

const lines = (fields: readonly Field[]): readonly string[] => [
  ...fields.map((field) => `  ${declared(field)};`),
];

function declared({ name, number, shape, missing }: Field): string {
  const may = missing === 'default' || shape.kind === 'message' ? '' : 'optional ';
  return `${may}${typeOf(shape, name)} ${snake(name)} = ${number}`;
}

function typeOf({ kind }: Shape, name: string): string {
  if (kind === 'values') return 'map<string, google.protobuf.Value>';
  return kind === 'message' || kind === 'enum' ? capital(name) : kind;
}

/** The messages and enums of the fields. */
const nested = (fields: readonly Field[]): readonly string[] =>
  fields.flatMap(({ name, shape }) => {
    if (shape.kind === 'message')
      return block('message', capital(name), lines(shape.fields), nested(shape.fields));
    if (shape.kind !== 'enum') return [];
    const word = snake(name).toUpperCase();
    const values = ['unspecified', ...shape.names].map(
      (value, at) => `  ${word}_${value.replaceAll(/\W/g, '_').toUpperCase()} = ${at};`,
    );
    return block('enum', capital(name), values);
  });

const block = (
  what: string,
  name: string,
  ...parts: readonly (readonly string[])[]
): readonly string[] =>
  ['', `${what} ${name} {`, ...parts.flat(), '}'].map((line) => line && `  ${line}`);

const snake = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/**
 * What readers of the published file miss in the new one: a field or a value that is gone, or has another number or type. Only
 * additions are compatible.
 */
export function brokenProto(published: string, now: string): readonly string[] {
  const kept = declarations(now);
  return [...declarations(published)].filter((each) => !kept.has(each));
}

/** Each numbered line with the blocks that it is in. */
function declarations(text: string): ReadonlySet<string> {
  const blocks: string[] = [];
  const found = new Set<string>();
  for (const line of text.split('\n').map((each) => each.trim())) {
    const opened = /^(?:message|enum) (\w+) \{$/.exec(line)?.[1];
    if (opened) blocks.push(opened);
    else if (line === '}') blocks.pop();
    else if (/= \d+;$/.test(line)) found.add(`${blocks.join('.')}: ${line}`);
  }
  return found;
}
