export { ForeignDataFolder } from './data-folder.ts';
export { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.ts';
export { freePort, PortInUse } from './free-port.ts';
