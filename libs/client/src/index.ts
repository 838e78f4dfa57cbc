export {
  type ClientOptions,
  createWaybillClient,
  type Schemas,
  type WaybillClient,
} from './client.ts';
export type { paths as Paths } from './generated/schema.ts';
