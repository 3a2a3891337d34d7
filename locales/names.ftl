# Names that every language writes in the same way.
provider-name-kie = KIE AI
provider-name-openai = OpenAI
provider-name-replicate = Replicate
