import { join } from 'node:path';
import type { Place } from './server.ts';

/** The name of the node, for its tools: `rabbitmqctl -n waybill@localhost`. */
export const nodeName = 'waybill@localhost';

/** The configuration file of RabbitMQ. */
export function rabbitmqConfig({
  folder,
  ports,
  certificates,
}: Pick<Place, 'folder' | 'ports' | 'certificates'>): string {
  const address = `127.0.0.1:${ports['main']}`;
  const listening = certificates
    ? `listeners.tcp = none
listeners.ssl.1 = ${address}
ssl_options.cacertfile = ${join(folder, 'ca.crt')}
ssl_options.certfile = ${join(folder, 'server.crt')}
ssl_options.keyfile = ${join(folder, 'server.key')}
ssl_options.verify = verify_none
ssl_options.fail_if_no_peer_cert = false`
    : `listeners.tcp.1 = ${address}`;
  return `${listening}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports['management']}
load_definitions = ${join(folder, 'definitions.json')}
vm_memory_high_watermark.relative = 0.4
disk_free_limit.absolute = 256MB
log.file.level = info
log.console = false
`;
}

/** The environment of RabbitMQ's scripts, which keeps them away from other installations. */
export function rabbitmqEnvironment({
  folder,
  ports,
}: Pick<Place, 'folder' | 'ports'>): Record<string, string> {
  return {
    HOME: folder,
    RABBITMQ_NODENAME: nodeName,
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: join(folder, 'log', 'rabbitmq.log'),
    RABBITMQ_DIST_PORT: String(ports['distribution']),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports['epmd']),
    // Makes the script exec the server instead of waiting for it, so that there is one process to watch and end.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
}
