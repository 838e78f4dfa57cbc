import { Controller, Get, type INestApplication, Inject, Injectable } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Route } from '@waybill/http';
import { type ApiDocument, HttpDoor, Internal, openApiOf } from '@waybill/http';
import { SERVICE_OPTIONS, type ServiceOptions } from './service-options.ts';

/** The description of a service for a gateway in another process. */
@Injectable()
export class SelfDescription {
  private app: INestApplication | null = null;

  constructor(
    @Inject(SERVICE_OPTIONS) private readonly options: Pick<ServiceOptions, 'name'>,
    private readonly door: HttpDoor,
  ) {}

  get service(): string {
    return this.options.name;
  }

  /** Nest does not inject the application into a provider, and only the application has the document. */
  of(app: INestApplication): void {
    this.app = app;
  }

  routes(): readonly Route[] {
    return this.door.routes.all();
  }

  document(): ApiDocument {
    if (!this.app) throw new TypeError('the application was not started as a service');
    return openApiOf(this.app, 'Waybill');
  }
}

/** Returns the routes of the service and its API document to a gateway; requires a service token. */
@ApiExcludeController()
@Internal()
@Controller('internal')
export class SelfDescriptionController {
  constructor(private readonly self: SelfDescription) {}

  @Get('routes')
  routes(): { readonly service: string; readonly routes: readonly Route[] } {
    return { service: this.self.service, routes: this.self.routes() };
  }

  @Get('api-document')
  document(): ApiDocument {
    return this.self.document();
  }
}
