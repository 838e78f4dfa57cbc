import { carriersSettings } from '@waybill/carriers';
import { verifyConfig } from '@waybill/e2e';
import { gatewayConfig, gatewayProcessConfig } from '@waybill/gateway';
import { mailSettings } from '@waybill/mail';
import { paymentProviderSettings } from '@waybill/payment-provider';
import { definitions, jobConfig, prepareConfig } from '@waybill/processes';
import {
  accessConfig,
  brokerVariables,
  faultsConfig,
  grpcConfig,
  hostConfig,
  type ServiceDeclaration,
  settingsOf,
  tlsConfig,
  tracingConfig,
} from '@waybill/service';
import { filesBelow } from './repository.ts';

const folders = filesBelow('services', 'main.ts').flatMap((file) =>
  file.endsWith('/src/main.ts') ? [file.split('/')[1] ?? ''] : [],
);
/** The services and the gateway, without all-in-one, which brings its own PostgreSQL. */
export const programs = folders.filter((name) => name !== 'all-in-one');

const settingsOfService = (service: ServiceDeclaration): readonly string[] =>
  [
    hostConfig,
    accessConfig,
    grpcConfig(service),
    tlsConfig,
    faultsConfig,
    tracingConfig,
    service.config,
  ].flatMap(settingsOf);

/** The environment variables that each program of the image reads. */
export const variablesOf: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    definitions.map((service) => [
      service.name,
      [...settingsOfService(service), ...brokerVariables],
    ]),
  ),
  gateway: [accessConfig, tlsConfig, tracingConfig, gatewayProcessConfig, gatewayConfig].flatMap(
    settingsOf,
  ),
  'outside-world': [paymentProviderSettings, carriersSettings, mailSettings].flatMap(settingsOf),
  prepare: [
    ...[prepareConfig, jobConfig].flatMap(settingsOf),
    ...definitions.flatMap(settingsOfService),
    ...brokerVariables,
  ],
  'verify-invariants': settingsOf(verifyConfig),
};
