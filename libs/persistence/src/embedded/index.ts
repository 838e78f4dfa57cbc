export { ForeignDataFolder } from './data-folder.ts';
export { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.ts';
export { PortInUse } from './free-port.ts';
