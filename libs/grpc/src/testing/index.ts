export { localhostCertificate } from './localhost-certificate.ts';
export { Loopback, type LoopbackOptions } from './loopback.ts';
