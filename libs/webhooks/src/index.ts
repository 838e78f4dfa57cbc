export {
  isSigned,
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
