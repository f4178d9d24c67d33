// json-server asks for no credential of its own; it is added as its README says.
module.exports = (request, response, next) => {
  if (request.path === '/' || request.headers['x-token'] === process.env.JSON_SERVER_TOKEN) {
    next()
  } else {
    response.sendStatus(401)
  }
}
