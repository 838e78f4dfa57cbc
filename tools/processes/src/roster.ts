/** A kind of process of the system. */
export interface Role {
  readonly name: string;
  readonly kind: 'sandbox' | 'service' | 'gateway';
  /** The port of its first process. */
  readonly port: number;
  /** The gRPC port of its first process, if it serves gRPC. */
  readonly grpcPort?: number;
  /** The SMTP port of the mail server. */
  readonly smtpPort?: number;
}

/** Everything that the system needs besides its servers; it is stopped in the reverse order. */
export const roster: readonly Role[] = [
  { name: 'payment-provider', kind: 'sandbox', port: 8091 },
  { name: 'carriers', kind: 'sandbox', port: 8092 },
  { name: 'mail', kind: 'sandbox', port: 8093, smtpPort: 8025 },
  { name: 'order', kind: 'service', port: 8081 },
  { name: 'inventory', kind: 'service', port: 8082, grpcPort: 9082 },
  { name: 'payment', kind: 'service', port: 8083 },
  { name: 'shipping', kind: 'service', port: 8084, grpcPort: 9084 },
  { name: 'notification', kind: 'service', port: 8085 },
  { name: 'analytics', kind: 'service', port: 8086 },
  { name: 'customer', kind: 'service', port: 8087, grpcPort: 9087 },
  { name: 'gateway', kind: 'gateway', port: 8080 },
];

/** The port of each further replica is this much higher than the previous one. */
export const replicaStep = 100;

/** The name of a process in files, tables and at the brokers, such as `payment-2`. */
export const instanceOf = ({ name, kind }: Role, replica: number): string =>
  kind === 'service' ? `${name}-${replica}` : name;
