export { type EndpointRules, endpointRefusal, isPublicAddress } from './endpoint.ts';
export {
  type Address,
  NotPosted,
  type Posted,
  type PostFailure,
  type Posting,
  type PostOptions,
  post,
} from './post.ts';
export {
  isSigned,
  legacySignedHeaders,
  newWebhookSecret,
  type SignedRequest,
  signedHeaders,
  type Webhook,
  webhookSecretForm,
} from './signature.ts';
export {
  WebhookSender,
  type WebhookSenderOptions,
  type WebhookSigner,
  type WebhookTarget,
} from './webhook-sender.ts';
