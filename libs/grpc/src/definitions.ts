import { fileURLToPath } from 'node:url';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';
import type { GrpcApi } from './grpc-api.ts';

/** The folder of the `.proto` files that every API may import; it is next to both `src` and `dist`. */
const googleFolder = fileURLToPath(new URL('../proto/', import.meta.url));

/** Numbers are safe because no amount in Waybill exceeds their exact range; names are those of the code. */
const formOf = (apis: readonly GrpcApi[]): Options => ({
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [...new Set([googleFolder, ...apis.map(({ folder }) => folder)])],
});

/** The definitions in the APIs' `.proto` files; throws when a file cannot be read. */
export const definitionOf = (apis: readonly GrpcApi[]): PackageDefinition =>
  loadSync(
    apis.map(({ file }) => file),
    formOf(apis),
  );

/** The definitions in the `.proto` files of the APIs and other files, with the names as written there. */
export const writtenDefinitionOf = (
  apis: readonly GrpcApi[],
  files: readonly string[],
): PackageDefinition =>
  loadSync([...apis.map(({ file }) => file), ...files], { ...formOf(apis), keepCase: true });

/** The definitions in one of Google's files below `proto`. */
export const definitionOfFile = (file: string): PackageDefinition => loadSync(file, formOf([]));
