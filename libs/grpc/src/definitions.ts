import { fileURLToPath } from 'node:url';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';
import type { GrpcApi } from './grpc-api.ts';

/** The folder of the `.proto` files that every API may import: beside `src` as beside `dist`. */
const googleFolder = fileURLToPath(new URL('../proto/', import.meta.url));

/** Numbers, because no amount of Waybill is beyond what they hold exactly; the names are those of the code. */
const formOf = (apis: readonly GrpcApi[]): Options => ({
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [...new Set([googleFolder, ...apis.map(({ folder }) => folder)])],
});

/** What the `.proto` files of the APIs define; throws when one cannot be read. */
export const definitionOf = (apis: readonly GrpcApi[]): PackageDefinition =>
  loadSync(
    apis.map(({ file }) => file),
    formOf(apis),
  );

/** What the `.proto` files of the APIs and other files define, under the names that stand in the files. */
export const writtenDefinitionOf = (
  apis: readonly GrpcApi[],
  files: readonly string[],
): PackageDefinition =>
  loadSync([...apis.map(({ file }) => file), ...files], { ...formOf(apis), keepCase: true });

/** What a file of Google's below `proto` defines. */
export const definitionOfFile = (file: string): PackageDefinition => loadSync(file, formOf([]));
