//! A running server: gateway, control port and, where configured, the practice model.

use crate::config::Config;
use crate::dir::DataDir;
use anyhow::Context;
use server::practice::{Practice, bind};
use server::{Clock, House, control, gateway};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A running server.
pub struct Node {
    /// What gateway and control share.
    pub house: Arc<House>,
    /// Where callers are served.
    pub gateway: SocketAddr,
    /// Where officers are served.
    pub control: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Node {
    /// Opens the directory, binds the ports and serves.
    pub async fn start(dir: &DataDir, config: &Config, clock: Clock) -> anyhow::Result<Self> {
        let practice = config.practice.as_ref().map(|practice| listen_practice(practice.port)).transpose()?;
        let gateway = listen(config.gateway.listen, "gateway.listen").await?;
        let control = listen(config.control.listen, "control.listen").await?;
        let settings = config.settings(dir.path())?;
        let house = House::open(settings, clock, dir.log_key()?).await?;
        let (stop, _) = watch::channel(false);
        let mut node = Self {
            gateway: gateway.local_addr()?,
            control: control.local_addr()?,
            house,
            stop,
            tasks: Vec::new(),
        };
        if let Some(listener) = practice {
            node.serve_practice(listener);
        }
        node.serve_control(control, dir.token()?);
        node.tasks.push(tokio::spawn(gateway::serve(Arc::clone(&node.house), gateway, node.stopped())));
        Ok(node)
    }

    fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stop = self.stop.subscribe();
        async move {
            // The sender lives as long as the node; if it is gone, so is the reason to serve.
            let _ = stop.wait_for(|stop| *stop).await;
        }
    }

    fn serve_practice(&mut self, listener: TcpListener) {
        let names = self.house.catalogue.names().into_iter().map(|name| name.to_string());
        let practice = Practice::new(names);
        let created = u64::try_from(self.house.clock.read().at.as_micros() / 1_000_000).unwrap_or(0);
        let stopped = self.stopped();
        self.tasks.push(tokio::spawn(async move { practice.serve(listener, created, stopped).await }));
    }

    fn serve_control(&mut self, listener: TcpListener, token: String) {
        let (house, stopped) = (Arc::clone(&self.house), self.stopped());
        self.tasks.push(tokio::spawn(async move {
            if let Err(error) = control::serve(house, &token, listener, stopped).await {
                tracing::error!(%error, "the control port ended");
            }
        }));
    }

    /// Stops in order: requests under way end, the log gets its last checkpoint.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = tokio::time::timeout(std::time::Duration::from_secs(10), task).await;
        }
        let house = self.house;
        tokio::task::spawn_blocking(move || house.close())
            .await?
            .context("the log could not be closed in order")
    }
}

async fn listen(address: SocketAddr, field: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{field}: {address} cannot be opened; if another program uses the port, stop it or choose another port in douane.toml")
    })
}

fn listen_practice(port: u16) -> anyhow::Result<TcpListener> {
    bind(port).with_context(|| {
        format!("practice.port: 127.0.0.1:{port} cannot be opened; if another program uses the port, choose another in douane.toml")
    })
}
