/** Something that runs as processes of its own. */
export interface Role {
  readonly name: string;
  readonly kind: 'sandbox' | 'service' | 'gateway';
  /** Where its first process listens. */
  readonly port: number;
  /** Where its first process serves gRPC, if it does. */
  readonly grpcPort?: number;
}

/** Everything that the system needs beside its servers, in the order in which it is stopped from behind. */
export const roster: readonly Role[] = [
  { name: 'payment-provider', kind: 'sandbox', port: 8091 },
  { name: 'carriers', kind: 'sandbox', port: 8092 },
  { name: 'order', kind: 'service', port: 8081 },
  { name: 'inventory', kind: 'service', port: 8082, grpcPort: 9082 },
  { name: 'payment', kind: 'service', port: 8083 },
  { name: 'shipping', kind: 'service', port: 8084, grpcPort: 9084 },
  { name: 'notification', kind: 'service', port: 8085 },
  { name: 'analytics', kind: 'service', port: 8086 },
  { name: 'gateway', kind: 'gateway', port: 8080 },
];

/** Replicas after the first listen this much higher, one after another. */
export const replicaStep = 100;

/** `payment-2`: what a process is called in files, in tables and at the brokers. */
export const instanceOf = ({ name, kind }: Role, replica: number): string =>
  kind === 'service' ? `${name}-${replica}` : name;
