import { Test, type TestingModule } from '@nestjs/testing';
import { type GatewayHost, GatewayModule } from '@waybill/gateway';
import { type ApiDocument, mergeOpenApi, openApiOf, ServiceAdapter } from '@waybill/http';
import openapiTS, { astToString } from 'openapi-typescript';
import { type DerivedFile, jsonFile, textFile } from './contract-documents.ts';
import { compiledService, serviceModules } from './service-modules.ts';

const folder = 'libs/client';

/** The OpenAPI document of the REST API, and the types of its client. */
export async function restApiFiles(): Promise<DerivedFile[]> {
  const document = await restApi();
  const types = await openapiTS(JSON.stringify(document), { alphabetize: true });
  const header =
    '/** Types of the REST API. Generated from `openapi.json`: run `npm run generate`. */\n\n';
  return [
    jsonFile(`${folder}/openapi.json`, document),
    textFile(`${folder}/src/generated/schema.ts`, header + astToString(types)),
  ];
}

/** The document that a running gateway serves at `/openapi.json`, from the controllers of the gateway and every service. */
async function restApi(): Promise<ApiDocument> {
  const gateway = await Test.createTestingModule({
    imports: [GatewayModule.forRoot({ env: {}, upstreams: [] } as unknown as GatewayHost)],
  }).compile();
  const services = await Promise.all(serviceModules.map((module) => compiledService(module)));
  return mergeOpenApi([
    openApiOf(appOf(gateway), 'Waybill', { standsAlone: true }),
    ...services.map((service) => openApiOf(appOf(service), 'Waybill')),
  ]);
}

const appOf = (made: TestingModule) => made.createNestApplication(new ServiceAdapter(null));
