export { brokenProto, protoFiles } from '../protobuf/proto-file.ts';
export { asyncApi, type Samples } from './async-api.ts';
export { compatible } from './compatible.ts';
export { type JsonSchema, schemaName, schemaOf } from './json-schema.ts';
export { messageTable } from './message-table.ts';
export { sampleOf } from './sample.ts';
export { type Topology, topologyFrom } from './topology.ts';
