"""A small bot on discord.py, run against a sandbox's guild over the gateway.

Usage: discord_bot.py API_URL GATEWAY_URL TOKEN GUILD CHANNEL

It registers /ask, completes its option, opens a form, posts a card, changes it when somebody presses its button,
starts a thread and writes to a person. It prints one line for each step.
"""

import sys

import discord
import yarl
from discord import app_commands

api_url, gateway_url, token, guild_id, channel_id = sys.argv[1:]
discord.http.Route.BASE = api_url + "/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
guild = discord.Object(int(guild_id))
intents = discord.Intents.none()
intents.guilds = intents.members = intents.guild_messages = True


def step(*words):
    print(*words, flush=True)


class Card(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @discord.ui.button(label="Yes", style=discord.ButtonStyle.success, custom_id="yes")
    async def yes(self, interaction, button):
        await interaction.response.edit_message(content=f"Yes, says {interaction.user.mention}", view=None)
        await interaction.followup.send("only you see this", ephemeral=True)
        thread = await interaction.message.create_thread(name="Talk")
        await thread.send("noted")
        await thread.edit(archived=True, locked=True)
        step("updated", interaction.user.name)

    @discord.ui.select(placeholder="How?", options=[discord.SelectOption(label="Fast"), discord.SelectOption(label="Slow")])
    async def how(self, interaction, select):
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content=f"{select.values[0]} it is")
        step("chosen", select.values[0])


class Form(discord.ui.Modal, title="Ask"):
    why = discord.ui.TextInput(label="Why?", style=discord.TextStyle.paragraph, min_length=3)

    def __init__(self, what):
        super().__init__(custom_id=f"ask:{what}")
        self.what = what

    async def on_submit(self, interaction):
        await interaction.response.send_message("sent", ephemeral=True)
        embed = discord.Embed(title=f"{self.what} is wanted", description=self.why.value)
        channel = client.get_channel(int(channel_id))
        await channel.send("A card", embed=embed, view=Card(), nonce="card-1", allowed_mentions=discord.AllowedMentions.none())
        await interaction.user.send("I asked for you")
        step("posted", channel.name)


class Client(discord.Client):
    async def setup_hook(self):
        registered = await tree.sync(guild=guild)
        step("registered", len(registered))

    async def on_ready(self):
        there = self.get_guild(int(guild_id))
        step("ready", there.name, len(there.members), self.user.name)

    async def on_resumed(self):
        step("resumed")

    async def on_member_update(self, before, after):
        step("roles", after.name, len(after.roles))


client = Client(intents=intents)
tree = app_commands.CommandTree(client)


@tree.command(name="ask", description="Ask for something", guild=guild)
async def ask(interaction, what: str):
    await interaction.response.send_modal(Form(what))
    step("asked", what)


@ask.autocomplete("what")
async def complete(interaction, current):
    names = [name for name in ("orders-db", "billing-db", "kafka") if current in name]
    return [app_commands.Choice(name=name.title(), value=name) for name in names]


client.run(token, log_handler=None)
