// Reads requests as JSON from the standard input, and writes what iam-simulate says of each to the standard output.
import { readFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const { policies, requests } = JSON.parse(readFileSync(0, 'utf8'))
const answers = []
for (const request of requests) {
  const result = await runSimulation(
    {
      request: {
        principal: request.principal,
        action: request.action,
        resource: { resource: request.resource, accountId: request.account },
        contextVariables: request.context,
      },
      identityPolicies: [{ name: request.policy, policy: policies[request.policy] }],
      sessionPolicy: request.session ?? undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  )
  if (result.resultType !== 'single' || result.result.ignoredContextKeys?.length) {
    throw new Error(JSON.stringify({ request, result }))
  }
  answers.push(result.overallResult)
}
process.stdout.write(JSON.stringify(answers))
