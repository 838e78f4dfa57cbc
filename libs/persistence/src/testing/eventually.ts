export { eventually } from '@waybill/embedded-postgres/testing';
