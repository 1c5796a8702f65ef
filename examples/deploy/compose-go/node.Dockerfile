# Build from the root of the repository:
#   docker build -f examples/deploy/compose-go/node.Dockerfile -t sleuth-articles .
FROM node:22-bookworm-slim
WORKDIR /sleuth
COPY . .
RUN npm ci --ignore-scripts && npx tsc -b packages/core packages/fastify packages/express packages/koa
USER node
CMD ["node", "examples/articles/article-service.js"]
