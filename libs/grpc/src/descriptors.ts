import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';

/** A field descriptor of protobuf; `typeName` is fully qualified, such as `.waybill.v1.Money`. */
export interface Field {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  /** The index of the field's oneof in the message's `oneofDecl`, if it has one. */
  readonly oneofIndex?: number;
  jsonName?: string;
  typeName?: string;
}

/** An enum descriptor of protobuf. */
export interface Enum {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

/** A message descriptor of protobuf. */
export interface Message {
  name: string;
  readonly field: readonly Field[];
  readonly nestedType: readonly Message[];
  readonly enumType: readonly Enum[];
  readonly oneofDecl: readonly { readonly name: string }[];
  readonly options?: { readonly mapEntry?: boolean };
}

/** A method descriptor of protobuf. */
export interface Method {
  readonly name: string;
  readonly inputType: string;
  readonly outputType: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

/** A file descriptor of protobuf. */
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
 * The files of a definition as protoc would describe them. In those of proto-loader, strict clients such as `grpcurl` cannot
 * resolve type names, dependencies between files are missing, map entries have a name that protobuf
 * refuses, and fields have no JSON name.
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

/** The files in the form that reflection needs. */
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

/** Protobuf requires the entry of the map `some_names` to be called `SomeNamesEntry`; proto-loader uses another name. */
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

/** Sets the JSON name of each field and the full name of its type; returns the files that define those types. */
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

/** Searches from the innermost scope outwards, because a name that proto-loader shortened is relative to any enclosing scope. */
function fullName(name: string, scope: string, owners: Owners): string {
  if (name.startsWith('.')) return name.slice(1);
  const parts = scope.split('.');
  for (let length = parts.length; length >= 0; length -= 1) {
    const found = [...parts.slice(0, length), name].join('.');
    if (owners.has(found)) return found;
  }
  throw new TypeError(`${scope} has a field of the type ${name}, which no file defines`);
}
