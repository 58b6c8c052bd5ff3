// GraphQL over HTTP: the order of what every request passes.
import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from "graphql";
import { createYoga, type Plugin } from "graphql-yoga";
import type { Engine } from "../../engine/engine.ts";
import type { Registry } from "../../registry/registry.ts";
import type { DeployContext } from "../../deploy/deploy.ts";
import { KnockError } from "../../base/errors.ts";
import { type Authenticate, credentialsOf } from "../auth/authenticate.ts";
import { requestError } from "./request-errors.ts";
import { checkVariables, gatherIssues } from "./bad-input.ts";
import { checkScopes } from "./check-scopes.ts";
import { buildSchema } from "./build-schema.ts";
import { createContexts } from "./context.ts";
import { graphiqlPage } from "./graphiql.ts";
import { limits, rules, tooDeep } from "./limits.ts";
import { createMask } from "./mask-errors.ts";
import { printSdl } from "./print-schema.ts";
import { createStreams } from "./streams.ts";
import type { Identity } from "../auth/identity.ts";

/** How to answer GraphQL. */
export interface GraphqlOptions {
  engine: Engine;
  /** Finds the caller. */
  authenticate: Authenticate;
  /** GraphiQL, and suggestions in errors. */
  dev: boolean;
  /** What deploys need beside the engine; `null`, the default, where the workflows come from the process's own files. */
  deploys?: Pick<DeployContext, "publicKeys"> | null;
  /** Aborted when the server begins to close: subscriptions end, so that their callers go elsewhere. Default: never. */
  closing?: AbortSignal | null;
}

/** Answers requests of the web platform. */
export type GraphqlHandler = (request: Request) => Promise<Response>;

interface ServerContext {
  identity: Identity;
}

/** Finds the caller before anything of the request is looked at: who may not call learns nothing of the schema. */
const useAuthentication = ({ authenticate }: GraphqlOptions): Plugin<object, ServerContext> => ({
  async onParams({ request, context, setResult }) {
    try {
      context.identity = await authenticate(credentialsOf(request.headers));
    } catch (error) {
      if (!KnockError.is(error, "UNAUTHENTICATED")) throw error;
      setResult({ errors: [requestError(error)] });
    }
  },
});

// A page of another site can send a form without asking first; JSON it cannot.
const useJsonOnly = (): Plugin => ({
  onRequest({ request, fetchAPI, endResponse }) {
    const type = request.headers.get("content-type") ?? "";
    if (request.method !== "POST" || /^application\/(?:graphql\+)?json\b/i.test(type)) return;
    const message = "Send the request as application/json.";
    endResponse(
      fetchAPI.Response.json(
        { errors: [{ message, extensions: { code: "UNSUPPORTED_MEDIA_TYPE" } }] },
        { status: 415 },
      ),
    );
  },
});

/** A syntax error names the token that it met, which may be somebody's data. */
function withoutValues(error: unknown): unknown {
  if (!(error instanceof GraphQLError)) return error;
  const message = error.message.replaceAll(/\b(Name|Int|Float|String|BlockString|Comment) "(?:[^"\\]|\\.)*"/g, "$1");
  return new GraphQLError(message, {
    source: error.source,
    positions: error.positions,
    extensions: { code: "GRAPHQL_PARSE_FAILED", http: { status: 400, spec: true } },
  });
}

function parseDocument(source: Parameters<typeof parse>[0], options: Parameters<typeof parse>[1]): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: limits.tokens });
  } catch (error) {
    throw error instanceof RangeError ? tooDeep() : withoutValues(error);
  }
}

function validateDocument(schema: GraphQLSchema, document: DocumentNode, hideSuggestions: boolean): GraphQLError[] {
  try {
    return gatherIssues(validate(schema, document, rules, { maxErrors: limits.errors, hideSuggestions }));
  } catch (error) {
    if (error instanceof RangeError) return [tooDeep()];
    throw error;
  }
}

const STREAM = /\btext\/(?:event-stream|\*)|\*\/\*/i;

const readsStreams = ({ headers }: Request): boolean => STREAM.test(headers.get("accept") ?? "*/*");

const notAcceptable = () =>
  new GraphQLError("A subscription is answered as text/event-stream.", {
    extensions: { code: "NOT_ACCEPTABLE", hint: "Send accept: text/event-stream.", http: { status: 406 } },
  });

/** What is wrong with an operation that is about to begin. */
function refusalsOf(args: ExecutionArgs & { contextValue: ServerContext }, dev: boolean): GraphQLError[] {
  const { schema, document, contextValue } = args;
  const variables = args.variableValues ?? {};
  const operation = getOperationAST(document, args.operationName);
  if (!operation) return [];
  const error = checkVariables(operation, variables, { schema, hideSuggestions: !dev });
  return error ? [error] : checkScopes({ schema, document, operation, variables, dev }, contextValue.identity);
}

const useLimits = ({ dev }: GraphqlOptions): Plugin<ServerContext & { request: Request }> => ({
  onParse({ setParseFn }) {
    setParseFn(parseDocument);
  },
  onValidate({ setValidationFn }) {
    setValidationFn((schema: GraphQLSchema, document: DocumentNode) => validateDocument(schema, document, !dev));
  },
  onExecute({ args, setResultAndStopExecution }) {
    const errors = refusalsOf(args, dev);
    if (errors.length > 0) setResultAndStopExecution({ errors });
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    // Otherwise the stream would be open, and nobody there to read it.
    const errors = readsStreams(args.contextValue.request) ? refusalsOf(args, dev) : [notAcceptable()];
    if (errors.length > 0) setResultAndStopExecution({ errors });
  },
});

function deploymentOf({ engine, deploys }: GraphqlOptions): DeployContext | null {
  if (!deploys) return null;
  const { database, clock, logger, channels } = engine.context;
  const { publicKeys } = deploys;
  return { publicKeys, database, clock, logger, channels: [...channels.values()], sdlOf: printSdl };
}

/** Schemas by registry: a reload makes a new registry, and the next request its schema. */
function createSchemas(): (registry: Registry) => GraphQLSchema {
  const made = new WeakMap<Registry, GraphQLSchema>();
  return (registry) => {
    const schema = made.get(registry) ?? buildSchema(registry);
    made.set(registry, schema);
    return schema;
  };
}

/**
 * Makes the handler of `/graphql`. The schema follows the registry. Errors: `INVALID_WORKFLOW` when the
 * registry cannot become a schema.
 *
 * @example const handle = createGraphql({ engine, authenticate, dev: false });
 */
export function createGraphql(options: GraphqlOptions): GraphqlHandler {
  const { engine, dev } = options;
  const { registry, logger, clock } = engine.context;
  const deployment = deploymentOf(options);
  const streams = createStreams({ clock, closing: options.closing ?? null });
  const contextOf = createContexts({ engine, deployment, streams });
  const schemaOf = createSchemas();
  schemaOf(registry());
  const yoga = createYoga<ServerContext>({
    schema: () => schemaOf(registry()),
    context: ({ identity }) => contextOf(identity),
    plugins: [useJsonOnly(), useAuthentication(options), useLimits(options)],
    maskedErrors: { maskError: createMask({ logger, clock }) },
    graphiql: dev,
    renderGraphiQL: () => graphiqlPage(registry()),
    // Errors are logged where they are masked; forms of requests that nobody needs are off.
    logging: false,
    multipart: false,
    cors: false,
    landingPage: false,
    batching: false,
    maxRequestBodySize: limits.body,
  });
  return async (request) => yoga.fetch(request);
}
