import { fileURLToPath } from 'node:url';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import type { GrpcApi } from './grpc-api.ts';

/** The folder of the `.proto` files: beside `src` as beside `dist`. */
export const protoFolder = fileURLToPath(new URL('../proto/', import.meta.url));

/** Numbers, because no amount of Waybill is beyond what they hold exactly; the names are those of the code. */
const form = {
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [protoFolder],
};

/** What the `.proto` files of the APIs define; throws when one cannot be read. */
export const definitionOf = (apis: readonly GrpcApi[]): PackageDefinition =>
  loadSync(
    apis.map(({ file }) => file),
    form,
  );

/** What the `.proto` files of the APIs and other files define, under the names that stand in the files. */
export const writtenDefinitionOf = (
  apis: readonly GrpcApi[],
  files: readonly string[],
): PackageDefinition =>
  loadSync([...apis.map(({ file }) => file), ...files], { ...form, keepCase: true });

/** What a file below `proto` defines. */
export const definitionOfFile = (file: string): PackageDefinition => loadSync(file, form);
