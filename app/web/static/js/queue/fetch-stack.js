// How the upload library asks the server for somebody without a name: through fetch, which can leave the cookies at home.

class Request {
  constructor(method, address) {
    this.method = method;
    this.address = address;
    this.headers = {};
    this.stop = new AbortController();
  }

  getMethod() { return this.method; }

  getURL() { return this.address; }

  setHeader(name, value) { this.headers[name] = value; }

  getHeader(name) { return this.headers[name]; }

  setProgressHandler() {} // fetch tells nothing before a piece has arrived

  async send(body = null) {
    const response = await fetch(this.address, {
      method: this.method, headers: this.headers, body, credentials: "omit", cache: "no-store", redirect: "manual",
      signal: this.stop.signal,
    });
    const text = await response.text();
    return {
      getStatus: () => response.status,
      getHeader: (name) => response.headers.get(name),
      getBody: () => text,
      getUnderlyingObject: () => response,
    };
  }

  async abort() { this.stop.abort(); }

  getUnderlyingObject() { return this; }
}

export const namelessStack = {
  createRequest: (method, address) => new Request(method, address),
  getName: () => "fetch",
};
