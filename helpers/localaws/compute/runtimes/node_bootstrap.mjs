// The Node.js runtime: loads the handler, then asks for one event after another.
//
// Usage: node node_bootstrap.mjs TASK_ROOT OPT CLOCK_OFFSET
//
// The protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// What AWS's own client does, and this one after it:
// https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const [taskRoot, opt] = process.argv.slice(2, 4);
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const json = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
let requestId; // of the invocation being served, for log lines

// -- the course clock ------------------------------------------------------------------------

const RealDate = Date;
let clockOffset = Number(process.argv[4]) * 1000;

class CourseDate extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [RealDate.now() + clockOffset]));
  }
  static now() {
    return RealDate.now() + clockOffset;
  }
}
globalThis.Date = CourseDate;

// -- log events ------------------------------------------------------------------------------

// The platform's framing keeps a message of several lines together as one event.
function frame(message) {
  const text = Buffer.from(message);
  const head = Buffer.alloc(16);
  head.writeUInt32BE(0xa55a0003, 0);
  head.writeUInt32BE(text.length, 4);
  head.writeBigUInt64BE(BigInt(Date.now()) * 1000n, 8);
  let rest = Buffer.concat([head, text]);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (problem) {
      if (problem.code !== "EAGAIN") throw problem; // the pipe is full for the moment
    }
  }
}

function log(level, ...given) {
  const timestamp = new Date().toISOString();
  if (json) {
    const message = given.length === 1 && typeof given[0] === "object" ? given[0] : format(...given);
    frame(JSON.stringify({ timestamp, level, requestId, message }) + "\n");
  } else {
    frame(`${timestamp}\t${requestId}\t${level}\t${format(...given)}\n`);
  }
}

const levels = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" };
for (const [name, level] of Object.entries(levels)) {
  console[name] = (...given) => log(level, ...given);
}

function logError(title, error) {
  const shown = { errorType: error.errorType, errorMessage: error.errorMessage, stack: error.trace };
  frame(`${new Date().toISOString()}\t${requestId}\tERROR\t${title} \t${JSON.stringify(shown)}\n`);
}

// -- the Runtime API -------------------------------------------------------------------------

function call(method, what, body = "", headers = {}) {
  return new Promise((resolve) => {
    const options = {
      host, port, method, agent,
      path: `/2018-06-01/runtime/${what}`,
      headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), ...headers },
    };
    const request = http.request(options, (reply) => {
      const parts = [];
      reply.on("data", (part) => parts.push(part));
      reply.on("end", () => resolve({ headers: reply.headers, body: Buffer.concat(parts) }));
    });
    request.on("error", () => process.exit(1)); // the service is gone, and with it our reason to be
    request.end(body);
  });
}

const report = (what, error) =>
  call("POST", what, JSON.stringify(error), { "Lambda-Runtime-Function-Error-Type": error.errorType });

// -- errors ----------------------------------------------------------------------------------

class Fault extends Error {
  constructor(name, message, stack) {
    super(message);
    this.name = name;
    if (stack) this.stack = stack;
  }
}

function describe(problem) {
  if (!(problem instanceof Error)) {
    return { errorType: typeof problem, errorMessage: String(problem), trace: [] };
  }
  const trace = (problem.stack ?? "").replaceAll(taskRoot, "/var/task").split("\n");
  return { errorType: problem.name, errorMessage: problem.message, trace };
}

// -- the handler -----------------------------------------------------------------------------

async function load(name) {
  const found = /^(.*?)([^/]*?)\.([^/]+)$/.exec(name);
  if (!found) throw new Fault("Runtime.MalformedHandlerName", "Bad handler");
  const [, folder, file, exported] = found;
  const base = path.resolve(taskRoot, folder, file);
  const module = await importAny(base, file);
  let handler = module;
  for (const part of exported.split(".")) handler = handler?.[part] ?? handler?.default?.[part];
  const label = `${file}.${exported}`;
  if (handler === undefined) {
    throw new Fault("Runtime.HandlerNotFound", `${label} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new Fault("Runtime.HandlerNotFound", `${label} is not a function`);
  }
  return handler;
}

async function importAny(base, file) {
  const require = createRequire(path.join(taskRoot, "index.js"));
  try {
    for (const ending of ["", ".js", ".mjs", ".cjs"]) {
      if (!fs.statSync(base + ending, { throwIfNoEntry: false })?.isFile()) continue;
      return await import(pathToFileURL(base + ending));
    }
    return require(file);
  } catch (problem) {
    if (problem instanceof SyntaxError) {
      throw new Fault("Runtime.UserCodeSyntaxError", String(problem), problem.stack);
    }
    if (problem?.code === "MODULE_NOT_FOUND" || problem?.code === "ERR_MODULE_NOT_FOUND") {
      throw new Fault("Runtime.ImportModuleError", String(problem), problem.stack);
    }
    throw problem;
  }
}

function makeContext(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const given = headers["lambda-runtime-client-context"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: given ? JSON.parse(given) : undefined,
    identity: undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
}

// Handlers with three parameters call back; the others return a value or a promise.
function run(handler, event, context) {
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    const callback = (problem, result) => (problem ? reject(problem) : resolve(result));
    const returned = handler(event, context, callback);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
  });
}

async function serve(handler, { headers, body }) {
  try {
    const result = await run(handler, JSON.parse(body), makeContext(headers));
    let text;
    try {
      text = JSON.stringify(result ?? null) ?? "null";
    } catch {
      throw new Fault("Runtime.JSONStringifyError", "Unable to stringify response body");
    }
    await call("POST", `invocation/${requestId}/response`, text);
  } catch (problem) {
    const error = describe(problem);
    logError("Invoke Error", error);
    await report(`invocation/${requestId}/error`, error);
  }
}

async function giveUp(title, error, status) {
  logError(title, error);
  await report(requestId ? `invocation/${requestId}/error` : "init/error", error);
  process.exit(status);
}

process.on("unhandledRejection", (reason) => {
  const message = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  const error = { ...describe(reason), errorType: "Runtime.UnhandledPromiseRejection", errorMessage: message };
  giveUp("Unhandled Promise Rejection", error, 128);
});
process.on("uncaughtException", (problem) => giveUp("Uncaught Exception", describe(problem), 129));

let handler;
try {
  delete process.env._LAMBDA_TELEMETRY_LOG_FD;
  handler = await load(process.env._HANDLER);
  const newest = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV)?.[1]) >= 24;
  if (newest && handler.length >= 3) {
    throw new Fault(
      "Runtime.CallbackHandlerDeprecated",
      "Callback-based handlers do not run on Node.js 24 and later: return a promise instead. " +
        "See https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html",
    );
  }
} catch (problem) {
  await giveUp("Uncaught Exception", describe(problem), 1);
}
for (;;) {
  const next = await call("GET", "invocation/next");
  if ("lambda-runtime-local-clock-offset" in next.headers) {
    clockOffset = Number(next.headers["lambda-runtime-local-clock-offset"]) * 1000;
    continue; // no event: the clock was moved
  }
  requestId = next.headers["lambda-runtime-aws-request-id"];
  process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"] ?? "";
  await serve(handler, next);
}
