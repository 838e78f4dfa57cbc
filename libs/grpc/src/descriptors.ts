import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';

/** A field as protobuf describes it; `typeName` is full, such as `.waybill.v1.Money`. */
export interface Field {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  /** Which of the message's `oneofDecl` it belongs to, if it does. */
  readonly oneofIndex?: number;
  jsonName?: string;
  typeName?: string;
}

/** An enum as protobuf describes it. */
export interface Enum {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

/** A message as protobuf describes it. */
export interface Message {
  name: string;
  readonly field: readonly Field[];
  readonly nestedType: readonly Message[];
  readonly enumType: readonly Enum[];
  readonly oneofDecl: readonly { readonly name: string }[];
  readonly options?: { readonly mapEntry?: boolean };
}

/** A method as protobuf describes it. */
export interface Method {
  readonly name: string;
  readonly inputType: string;
  readonly outputType: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

/** A file as protobuf describes it. */
export interface File {
  readonly name: string;
  readonly package: string;
  readonly messageType: readonly Message[];
  readonly enumType: readonly Enum[];
  readonly service: readonly { readonly name: string; readonly method: readonly Method[] }[];
  dependency: string[];
}

/** The file of each type by its full name. */
type Owners = ReadonlyMap<string, string>;

const form = loadSync('google/protobuf/descriptor.proto', { enums: String, arrays: true })[
  'google.protobuf.FileDescriptorProto'
] as MessageTypeDefinition<object, unknown>;

/**
 * The files of a definition as protoc would describe them. Those of proto-loader name types so that strict clients
 * such as `grpcurl` cannot find them, name no file that they need, give the entries of maps a name that protobuf
 * refuses, and fields no name in JSON.
 */
export function describedFiles(definition: PackageDefinition): readonly File[] {
  const files = filesOf(definition);
  for (const file of files) for (const message of file.messageType) nameMapEntries(message);
  const owners: Owners = new Map(
    files.flatMap((file) => namesIn(file.package, file).map((name) => [name, file.name] as const)),
  );
  for (const file of files) {
    const needed = file.messageType.flatMap((each) => qualify(each, file.package, owners));
    file.dependency = [...new Set(needed)].filter((name) => name !== file.name);
  }
  return files;
}

/** The files in the shape that reflection takes. */
export const asDefinition = (files: readonly File[]): PackageDefinition =>
  Object.fromEntries(
    files.map((file) => [file.name, { fileDescriptorProtos: [form.serialize(file)] }]),
  ) as unknown as PackageDefinition;

function filesOf(definition: PackageDefinition): readonly File[] {
  const files = new Map<string, File>();
  for (const { fileDescriptorProtos } of Object.values(definition)) {
    if (!Array.isArray(fileDescriptorProtos)) continue;
    for (const bytes of fileDescriptorProtos) {
      const file = form.deserialize(bytes) as File;
      files.set(file.name, file);
    }
  }
  return [...files.values()];
}

/** The entry of the map `some_names` is called `SomeNamesEntry`, whatever proto-loader says. */
function nameMapEntries(message: Message): void {
  for (const nested of message.nestedType) {
    nameMapEntries(nested);
    if (!nested.options?.mapEntry) continue;
    const field = message.field.find(({ typeName }) => typeName === nested.name);
    if (!field) continue;
    const words = field.name.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
    nested.name = `${words.join('')}Entry`;
    field.typeName = nested.name;
  }
}

function namesIn(
  scope: string,
  { messageType, nestedType, enumType }: Partial<File & Message>,
): string[] {
  const messages = messageType ?? nestedType ?? [];
  return [
    ...(enumType ?? []).map(({ name }) => `${scope}.${name}`),
    ...messages.flatMap((each) => [
      `${scope}.${each.name}`,
      ...namesIn(`${scope}.${each.name}`, each),
    ]),
  ];
}

/** Gives all fields their names in JSON, and their types full names; the files in which those are. */
function qualify(message: Message, outer: string, owners: Owners): string[] {
  const scope = `${outer}.${message.name}`;
  const own = message.field.flatMap((field) => {
    field.jsonName = field.name.replaceAll(/_([a-z])/g, (_, letter: string) =>
      letter.toUpperCase(),
    );
    if (!field.typeName) return [];
    const name = fullName(field.typeName, scope, owners);
    field.typeName = `.${name}`;
    return owners.get(name) ?? [];
  });
  return [...own, ...message.nestedType.flatMap((nested) => qualify(nested, scope, owners))];
}

/** From the inside out; a name that proto-loader cut short counts from any scope around it. */
function fullName(name: string, scope: string, owners: Owners): string {
  if (name.startsWith('.')) return name.slice(1);
  const parts = scope.split('.');
  for (let length = parts.length; length >= 0; length -= 1) {
    const found = [...parts.slice(0, length), name].join('.');
    if (owners.has(found)) return found;
  }
  throw new TypeError(`${scope} has a field of the type ${name}, which no file defines`);
}
